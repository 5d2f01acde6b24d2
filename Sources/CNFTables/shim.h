// libnftables(3), with shims for what Swift cannot import the same way on every target.
#ifndef GATEHOUSE_CNFTABLES_H
#define GATEHOUSE_CNFTABLES_H

#include <nftables/libnftables.h>
#include <stdbool.h>
#include <stdint.h>

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

// What the output looks like: as nft prints it; with handles where
// asked; without the elements of sets where asked; with counters, or with their values left out.
static inline void gh_nft_output(struct nft_ctx *context, bool handles, bool terse, bool stateless) {
    unsigned int flags = 0;
    if (handles) flags |= NFT_CTX_OUTPUT_HANDLE;
    if (terse) flags |= NFT_CTX_OUTPUT_TERSE;
    if (stateless) flags |= NFT_CTX_OUTPUT_STATELESS;
    nft_ctx_output_set_flags(context, flags);
}

#endif
