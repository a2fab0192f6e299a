# SPDX-License-Identifier: Apache-2.0
# What `gancho map` shows, included by CMakeLists.txt beside it.
gancho_library(gancho_map_text
  SOURCES columns.cpp map_diff.cpp map_drawing.cpp map_hook.cpp map_subsystem.cpp map_uprobe.cpp
  DEPENDS gancho_map fmt::fmt)

gancho_test(map_text_test SOURCES map_text_test.cpp DEPENDS gancho_map_text)
