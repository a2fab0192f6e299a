# SPDX-License-Identifier: Apache-2.0
# `gancho check`, included by CMakeLists.txt beside it.
gancho_library(gancho_check
  SOURCES check.cpp check_json.cpp check_text.cpp check_verdict.cpp
  DEPENDS gancho_load gancho_event Boost::json fmt::fmt)

gancho_test(check_test SOURCES check_test.cpp DEPENDS gancho_check)
