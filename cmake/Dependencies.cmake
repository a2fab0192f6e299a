# SPDX-License-Identifier: Apache-2.0
# Parts that we do not write ourselves; docs/decisions/0002-parts.md says why each. All from the distribution.
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
set(Boost_USE_STATIC_LIBS ON) # one library less to install beside the agent
find_package(Boost 1.81 REQUIRED COMPONENTS json)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(cap REQUIRED IMPORTED_TARGET libcap)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS SSL)
find_package(Threads REQUIRED)
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp)
if(NOT GANCHO_FUZZ)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
  find_package(benchmark REQUIRED)
endif()
