#ifndef GATEHOUSE_CPCRE2_SHIM_H
#define GATEHOUSE_CPCRE2_SHIM_H

/* The C library's headers as CLinux has them: Swift refuses two forms of one structure. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
/* Subjects and patterns are bytes; the functions are those that end in _8. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#endif
