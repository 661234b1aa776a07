// SPDX-License-Identifier: MIT
#include "cli/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

// A handler has no other way to find its job: the one global of the program.
static struct {
    struct relief_job *_Atomic job;
    atomic_bool came;
} watched;

static void on_signal(int number)
{
    (void)number;
    struct relief_job *job = atomic_load(&watched.job);
    if (!job)
        _exit(relief_status_exit_code(RELIEF_E_CANCELLED));
    atomic_store(&watched.came, true);
    relief_job_cancel(job);
}

void rl_interrupt_install(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action = (struct sigaction){.sa_handler = SIG_IGN};
    sigemptyset(&action.sa_mask);
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL);
}

void rl_interrupt_watch(struct relief_job *job)
{
    atomic_store(&watched.job, job);
}

bool rl_interrupt_came(void)
{
    return atomic_load(&watched.came);
}
