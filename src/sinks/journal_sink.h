// SPDX-License-Identifier: Apache-2.0
//
// Alerts to systemd's journal by its native protocol: fields instead of a line. Not by
// sd_journal_sendv(), which says that all went well when there is no journal, and waits without
// limit for one that hangs.
#pragma once

#include <string_view>

#include "sinks/datagram.h"
#include "sinks/options.h"
#include "sinks/sink.h"

namespace gancho {

// Of the protocol: NAME=value, or name, length and bytes when the value has several lines.
void append_journal_field(std::string& out, std::string_view name, std::string_view value);

class JournalSink final : public Sink {
 public:
  JournalSink(const AlertJournalOptions& options, SinkContext context);
  ~JournalSink() override { end(); }

 private:
  [[nodiscard]] Delivery deliver(const Alert& alert, unsigned retry) override;

  DatagramSocket socket_;
  std::string message_;
};

}  // namespace gancho
