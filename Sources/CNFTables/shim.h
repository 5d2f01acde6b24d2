// libnftables(3), with shims for what Swift cannot import the same way on every target.
#ifndef GATEHOUSE_CNFTABLES_H
#define GATEHOUSE_CNFTABLES_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <nftables/libnftables.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

// A context that buffers output and errors; NULL where memory is out.
static inline struct nft_ctx *gh_nft_open(void) {
    struct nft_ctx *context = nft_ctx_new(NFT_CTX_DEFAULT);
    if (!context) return NULL;
    if (nft_ctx_buffer_output(context) || nft_ctx_buffer_error(context)) {
        nft_ctx_free(context);
        return NULL;
    }
    return context;
}

// Runs commands once more from a file in memory: libnftables names the line of an error only for files (it has no line
// for a buffer, src/erec.c erec_print). name receives what the messages begin with.
static inline int gh_nft_run_named(struct nft_ctx *context, const char *text, size_t count, char *name, size_t limit) {
    int file = (int)syscall(SYS_memfd_create, "commands", 1u /* MFD_CLOEXEC of linux/memfd.h */);
    if (file < 0) return -1;
    int result = -1;
    size_t written = 0;
    while (written < count) {
        ssize_t step = write(file, text + written, count - written);
        if (step <= 0) break;
        written += (size_t)step;
    }
    snprintf(name, limit, "/proc/self/fd/%d", file);
    if (written == count) result = nft_run_cmd_from_filename(context, name);
    close(file);
    return result;
}

// What the output looks like: as nft prints it; with handles where asked; without the elements of sets where asked;
// with counters, or with their values left out.
static inline void gh_nft_output(struct nft_ctx *context, bool handles, bool terse, bool stateless) {
    unsigned int flags = 0;
    if (handles) flags |= NFT_CTX_OUTPUT_HANDLE;
    if (terse) flags |= NFT_CTX_OUTPUT_TERSE;
    if (stateless) flags |= NFT_CTX_OUTPUT_STATELESS;
    nft_ctx_output_set_flags(context, flags);
}

#endif
