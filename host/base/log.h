// SPDX-License-Identifier: BSD-2-Clause-Patent
/* One line per event on stderr; under systemd each line carries its level for the journal. Keys never come here. */
#ifndef HOST_BASE_LOG_H
#define HOST_BASE_LOG_H

/* The numbers are those of syslog(3), which the journal understands. */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

/** Lines less urgent than level are not written. Starts as LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);
/** Who else gets each line that is written, NULL: nobody. It must not log. */
void log_also(void (*also)(void *arg, enum log_level level, const char *text), void *arg);
void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) log_line(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
