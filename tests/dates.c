/* A library to preload: the wall clock of the process is CLOCK_OFFSET seconds ahead.
 *
 * The monotonic clock and all durations stay as they are. libfaketime does the same and more, but a
 * signal handler that interrupts a wait reads the true time there, so that no timeout of PostgreSQL
 * ends a wait.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t offset;
static int (*true_gettime)(clockid_t, struct timespec *);
static int (*true_sem_timedwait)(sem_t *, const struct timespec *);
static int (*true_cond_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);

__attribute__((constructor)) static void begin(void)
{
    const char *seconds = getenv("CLOCK_OFFSET");
    true_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    true_sem_timedwait = dlsym(RTLD_NEXT, "sem_timedwait");
    true_cond_timedwait = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    offset = seconds ? atoll(seconds) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    /* other libraries begin before this one */
    int failed = true_gettime ? true_gettime(clock, now) : (int)syscall(SYS_clock_gettime, clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += offset;
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec fine;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &fine);
    now->tv_sec = fine.tv_sec;
    now->tv_usec = fine.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *seconds)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (seconds)
        *seconds = now.tv_sec;
    return now.tv_sec;
}

int timespec_get(struct timespec *now, int base)
{
    return base == TIME_UTC && !clock_gettime(CLOCK_REALTIME, now) ? base : 0;
}

/* A wait until a moment of the wall clock; a moment of the monotonic clock is an uptime. */
static struct timespec true_moment(const struct timespec *moment)
{
    struct timespec result = *moment;
    if (result.tv_sec > 1000000000)
        result.tv_sec -= offset;
    return result;
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until)
{
    struct timespec moment = true_moment(until);
    return true_sem_timedwait(semaphore, &moment);
}

int pthread_cond_timedwait(
    pthread_cond_t *restrict condition,
    pthread_mutex_t *restrict mutex,
    const struct timespec *restrict until)
{
    struct timespec moment = true_moment(until);
    return true_cond_timedwait(condition, mutex, &moment);
}
