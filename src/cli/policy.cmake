# SPDX-License-Identifier: Apache-2.0
# What `gancho policy` shows, included by CMakeLists.txt beside it.
gancho_library(gancho_policy_text SOURCES columns.cpp policy_explain.cpp policy_fields.cpp policy_replay.cpp policy_text.cpp
               DEPENDS gancho_rules gancho_alerts gancho_enrich gancho_event Boost::json fmt::fmt)
gancho_test(policy_text_test SOURCES policy_explain_test.cpp policy_fields_test.cpp policy_replay_test.cpp policy_text_test.cpp DEPENDS gancho_policy_text)
