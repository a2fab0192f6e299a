// SPDX-License-Identifier: Apache-2.0
//
// Alerts into a file, a line of JSON each. The sink cannot open or rename anything: it asks for the
// file and is given a descriptor.
#pragma once

#include <functional>
#include <optional>

#include "base/fd.h"
#include "sinks/options.h"
#include "sinks/sink.h"

namespace gancho {

class FileSink final : public Sink {
 public:
  // Asks for the file to be opened, and with `rotate` to be renamed before; answered by take() or
  // refuse(). Called by the sink's thread.
  using Ask = std::function<void(bool rotate)>;

  FileSink(AlertFileOptions options, Ask ask, SinkContext context);
  ~FileSink() override;

  // Asked for, or because the file is to be opened again. Any thread.
  void take(Fd file);
  void refuse();

 private:
  [[nodiscard]] Delivery deliver(const Alert& alert, unsigned retry) override;
  [[nodiscard]] bool ask(bool rotate);
  [[nodiscard]] std::optional<std::uint64_t> length() const;
  void use_new_file();

  AlertFileOptions options_;
  Ask ask_;
  Fd file_;
  std::chrono::steady_clock::time_point next_rotation_{};
  std::mutex answer_mutex_;
  std::condition_variable answered_;
  Fd new_file_;
  bool refused_ = false;
};

}  // namespace gancho
