// SPDX-License-Identifier: Apache-2.0
//
// The types of the kernel, of its modules and of programs, by the id that the kernel gave them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

struct btf;

namespace gancho {

class BtfObjects {
 public:
  BtfObjects() = default;
  BtfObjects(const BtfObjects&) = delete;
  BtfObjects& operator=(const BtfObjects&) = delete;
  ~BtfObjects();

  // nullptr when there is none of this id any more. Valid as long as this object; read once.
  [[nodiscard]] const btf* types(std::uint32_t id);
  // The kernel's own; nullptr where it has none. To read them takes 20 ms.
  [[nodiscard]] const btf* kernel();
  // Of the kernel or of a module of it; not of a program.
  [[nodiscard]] bool is_kernel(std::uint32_t id);
  // Of a type; "" when there is none.
  [[nodiscard]] std::string name(std::uint32_t id, std::uint32_t type);

 private:
  struct Object {
    btf* own = nullptr;  // freed with us
    bool kernel = false;
    bool base = false;  // the kernel's own: in kernel_
    bool loaded = false;
  };
  [[nodiscard]] Object& object(std::uint32_t id);

  std::map<std::uint32_t, Object> objects_;
  btf* kernel_ = nullptr;
  bool kernel_read_ = false;
};

}  // namespace gancho
