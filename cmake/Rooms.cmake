# SPDX-License-Identifier: Apache-2.0
# The registry of rooms. The core declares rooms() (src/event/room.h) and includes no room; the build
# writes the function from a list. To take a room out, delete its folder, its name in the list, and
# its names in hooks.list.

# gancho_rooms(name...): NAME/NAME.cpp defines `extern const Room k_NAME_room;`. All of NAME/*.cpp goes into
# the library gancho_rooms, NAME/NAME_test.cpp becomes the test NAME_test; NAME/*_vm_test.cpp is left
# to tests/vm.
function(gancho_rooms)
  set(declarations "")
  set(entries "")
  set(sources "")
  foreach(room IN LISTS ARGN)
    string(APPEND declarations "extern const Room k_${room}_room;\n")
    string(APPEND entries "    &k_${room}_room,\n")
    file(GLOB room_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${room}/*.cpp)
    list(FILTER room_sources EXCLUDE REGEX "_(test|truth)\\.cpp$")
    list(APPEND sources ${room_sources})
  endforeach()
  list(LENGTH ARGN count)

  set(registry ${CMAKE_CURRENT_BINARY_DIR}/rooms.cpp)
  file(
    GENERATE
    OUTPUT ${registry}
    CONTENT
      "// Written by cmake/Rooms.cmake.
#include <array>

#include \"event/room.h\"

namespace gancho {

${declarations}
std::span<const Room* const> rooms() {
  static constexpr std::array<const Room*, ${count}> rooms{
${entries}  };
  return rooms;
}

}  // namespace gancho
")
  # The rooms' texts call the core and the core calls rooms(): the two libraries need each other.
  gancho_library(gancho_rooms SOURCES ${registry} ${sources} DEPENDS gancho_event gancho_base)

  foreach(room IN LISTS ARGN)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${room}/${room}_test.cpp)
      gancho_test(${room}_test SOURCES ${room}/${room}_test.cpp DEPENDS gancho_rooms gancho_event)
    endif()
  endforeach()
endfunction()
