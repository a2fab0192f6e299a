# SPDX-License-Identifier: Apache-2.0
# What `gancho map` shows, included by CMakeLists.txt beside it.
gancho_library(gancho_map_text
  SOURCES columns.cpp map_attached.cpp map_diff.cpp map_drawing.cpp map_hook.cpp map_since.cpp map_subsystem.cpp
          map_table.cpp map_uprobe.cpp
  DEPENDS gancho_attached gancho_map fmt::fmt)

gancho_test(map_text_test SOURCES map_attached_test.cpp map_table_test.cpp map_text_test.cpp DEPENDS gancho_map_text)
