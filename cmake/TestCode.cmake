# SPDX-License-Identifier: Apache-2.0
# gancho::test_code   for what test programs are made of, beside the libraries that they test
#
# In the release the agent is optimised, and tested so. The tests' own code is optimised less: it is compiled in two
# thirds of the time, and they wait as long. (Not at all would show in the virtual machine, where much JSON is read.)
add_library(gancho_test_code INTERFACE)
add_library(gancho::test_code ALIAS gancho_test_code)
target_compile_options(gancho_test_code INTERFACE $<$<CONFIG:Release>:-O1>)
