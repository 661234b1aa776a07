// SPDX-License-Identifier: MIT
//
// What unit tests are made of. A test program is a list of functions:
//
//     static void adds_up(void) { CHECK_INT(1 + 1, 2); }
//     int main(void) { RUN(adds_up); return check_result(); }
//
// A failed check is printed with its place and values, and the test goes on.
#ifndef RL_TESTS_CHECK_H
#define RL_TESTS_CHECK_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_failures;

#define CHECK(condition) \
    ((condition) ? (void)0 \
                 : (check_failures++, \
                    (void)printf("%s:%d: not true: %s\n", __FILE__, __LINE__, #condition)))

#define CHECK_INT(got, wanted) \
    do { \
        long long got_ = (long long)(got), wanted_ = (long long)(wanted); \
        if (got_ != wanted_) { \
            check_failures++; \
            printf("%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #got, got_, wanted_); \
        } \
    } while (0)

#define CHECK_NEAR(got, wanted, tolerance) \
    do { \
        double got_ = (double)(got), wanted_ = (double)(wanted); \
        if (!(fabs(got_ - wanted_) <= (tolerance))) { \
            check_failures++; \
            printf("%s:%d: %s is %g, not %g\n", __FILE__, __LINE__, #got, got_, wanted_); \
        } \
    } while (0)

#define CHECK_TEXT(got, wanted) \
    do { \
        const char *got_ = (got), *wanted_ = (wanted); \
        if (strcmp(got_, wanted_) != 0) { \
            check_failures++; \
            printf("%s:%d: %s is '%s', not '%s'\n", __FILE__, __LINE__, #got, got_, wanted_); \
        } \
    } while (0)

#define RUN(test) \
    do { \
        int before_ = check_failures; \
        test(); \
        printf("%s %s\n", check_failures == before_ ? "ok  " : "FAIL", #test); \
    } while (0)

static inline int check_result(void)
{
    return check_failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
