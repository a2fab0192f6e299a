# SPDX-License-Identifier: Apache-2.0
# What `gancho policy` shows, included by CMakeLists.txt beside it.
gancho_library(gancho_policy_text SOURCES columns.cpp policy_fields.cpp policy_text.cpp DEPENDS gancho_rules Boost::json fmt::fmt)
gancho_test(policy_text_test SOURCES policy_fields_test.cpp policy_text_test.cpp DEPENDS gancho_policy_text)
