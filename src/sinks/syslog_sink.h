// SPDX-License-Identifier: Apache-2.0
//
// The text of alerts to /dev/log, as glibc's syslog(3) writes it (RFC 3164).
#pragma once

#include "sinks/datagram.h"
#include "sinks/options.h"
#include "sinks/sink.h"

namespace gancho {

class SyslogSink final : public Sink {
 public:
  SyslogSink(const AlertSyslogOptions& options, SinkContext context);
  ~SyslogSink() override { end(); }

 private:
  [[nodiscard]] Delivery deliver(const Alert& alert, unsigned retry) override;

  DatagramSocket socket_;
  int facility_;
  std::string line_;
};

}  // namespace gancho
