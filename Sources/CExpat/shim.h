#ifndef GATEHOUSE_CEXPAT_SHIM_H
#define GATEHOUSE_CEXPAT_SHIM_H

/* The C library's headers as CLinux has them: Swift refuses two forms of one structure. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <expat.h>

#endif
