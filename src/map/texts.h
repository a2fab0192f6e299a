// SPDX-License-Identifier: Apache-2.0
//
// What is said of the kernel to a reader who has never seen its inside, in English and in Spanish.
#pragma once

#include <cstdint>
#include <string_view>

#include "map/inventory.h"

namespace gancho {

enum class Language : std::uint8_t { english, spanish };

// As LC_ALL, LC_MESSAGES and LANG have it, the first of them that is set: "es", "es_ES.UTF-8".
[[nodiscard]] Language language_of(const char* lc_all, const char* lc_messages, const char* lang);
[[nodiscard]] Language language_of_environment();

// The same thing in both.
struct Text {
  std::string_view english;
  std::string_view spanish;

  [[nodiscard]] std::string_view in(Language language) const {
    return language == Language::spanish ? spanish : english;
  }
};

struct SubsystemText {
  Text title;    // at most 18 columns, for a box
  Text says;     // two sentences
  Text example;  // what the command shows
  std::string_view command;
};

[[nodiscard]] const SubsystemText& text_of(Subsystem subsystem);
[[nodiscard]] Text text_of(Count count);     // at most 14 columns
[[nodiscard]] Text meaning_of(Count count);  // how one hooks there
[[nodiscard]] Text text_of(Gap gap);         // one line: what is missing, what to do
[[nodiscard]] Text text_of(PlaceKind kind);  // what such a place is, one sentence

}  // namespace gancho
