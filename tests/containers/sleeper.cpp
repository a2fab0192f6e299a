// SPDX-License-Identifier: Apache-2.0
//
// A process of a container that stays until it is killed: static, so that it runs in any root.
#include <unistd.h>

int main() {
  ::pause();
}
