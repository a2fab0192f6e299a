/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The same iterator where programs may sleep (since 5.18), so that another process's memory can be read. */
#pragma once

#include "hooks/task.h"

#define hook_task_sleepable hook_task
#define hook_task_sleepable_result(hook) ((hook)->result & 1)
