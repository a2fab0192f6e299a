// SPDX-License-Identifier: Apache-2.0
//
// Where the worker answers clients: connections that the keeper has accepted and checked. No client
// can hold it up: nothing here waits, an answer is rendered piece by piece as the client takes it,
// and whoever is too slow is left. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <string>

#include "agent/request.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/fd.h"
#include "enrich/process_table.h"
#include "event/room.h"

namespace gancho {

class ClientDesk {
 public:
  static constexpr std::size_t k_clients_max = 8;
  static constexpr std::size_t k_piece = 256 * 1024;    // of an answer, rendered at a time, bytes
  static constexpr std::chrono::seconds k_patience{5};  // with a client that neither asks nor takes

  // The connection does not block.
  void admit(Fd connection);

  // Goes on with every client, by a piece at most. True when one could go on at once. Without a
  // table they are refused. `containers`: for those who ask how full the agent's tables are.
  bool serve(const ProcessTable* table, const Facts& names, WallClock clock,
             const ContainerHoldings& containers = {});

  [[nodiscard]] bool empty() const { return clients_.empty(); }

 private:
  struct Client {
    Fd connection;
    std::uint64_t deadline;  // boot clock, ns
    std::string request;
    bool asked = false;
    ByteBuffer piece;
    std::size_t sent = 0;   // of the piece
    std::size_t place = 0;  // in the table: the next to be rendered
    std::uint64_t lines = 0;
    bool last_piece = false;
  };

  enum class Turn : std::uint8_t { waits, goes_on, ends };
  [[nodiscard]] static Turn attend(Client& client, const ProcessTable* table, const Facts& names,
                                   WallClock clock, const ContainerHoldings& containers);
  // False when it has gone.
  [[nodiscard]] static bool hear(Client& client, const ProcessTable* table);
  static void render(Client& client, const ProcessTable& table, const Facts& names, WallClock clock,
                     const ContainerHoldings& containers);

  std::list<Client> clients_;
};

}  // namespace gancho
