// SPDX-License-Identifier: MIT
#include "serve/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// The shadow memory of a sanitizer counts as data, and is larger than any machine.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SHADOW 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SHADOW 1
#endif

static void limit(int what, rlim_t most)
{
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)what, &now))
        return;
    if (now.rlim_cur == RLIM_INFINITY || now.rlim_cur > most) {
        now.rlim_cur = most;
        setrlimit((__rlimit_resource_t)what, &now);
    }
}

bool rl_process_settle(pid_t parent, int nice)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, SIGALRM};
    sigset_t none;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        return false;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    limit(RLIMIT_CORE, 0);
#ifndef HAS_SHADOW
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    if (pages > 0 && page > 0)
        limit(RLIMIT_DATA, (rlim_t)pages / 4 * 3 * (rlim_t)page);
#endif
    (void)setpriority(PRIO_PROCESS, 0, nice);
    return true;
}

static void close_from(unsigned first)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, ~0U, 0) == 0)
        return;
#endif
    for (long fd = (long)first; fd < sysconf(_SC_OPEN_MAX) && fd < 65536; fd++)
        close((int)fd);
}

void rl_process_descriptors(int out, int err)
{
    int nowhere = open("/dev/null", O_RDWR);
    // Away from the places that are filled next.
    int to_out = fcntl(out >= 0 ? out : nowhere, F_DUPFD, 10);
    int to_err = fcntl(err >= 0 ? err : nowhere, F_DUPFD, 10);
    dup2(nowhere, 0);
    dup2(to_out, 1);
    dup2(to_err, 2);
    close_from(3);
}
