// The Linux headers the agent uses, and `static inline` shims for what Swift cannot import: macros, variadics,
// packed structures, and calls whose types differ between 32-bit and 64-bit targets.
#ifndef GATEHOUSE_CLINUX_H
#define GATEHOUSE_CLINUX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#ifndef _LARGEFILE64_SOURCE
#define _LARGEFILE64_SOURCE
#endif

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/videodev2.h>

// ---------------------------------------------------------------- errors

static inline int gh_errno(void) { return errno; }

// The C library's words for an error number; NULL for a number it does not know. Never fails, is thread-safe.
static inline const char *gh_error_text(int code) { return strerrordesc_np(code); }

// ---------------------------------------------------------------- memory

// Gives what the C library keeps of freed memory back to the kernel (malloc_trim(3)).
static inline void gh_release_memory(void) { malloc_trim(0); }

// ---------------------------------------------------------------- clocks

// Milliseconds of a clock. 32-bit ARM has a 32-bit time_t in Debian 12, so the 64-bit call is made by number there.
static inline uint64_t gh_clock_microseconds(int clock) {
#if defined(SYS_clock_gettime64)
    struct { int64_t seconds; int64_t nanoseconds; } moment = {0, 0};
    if (syscall(SYS_clock_gettime64, clock, &moment) == 0)
        return (uint64_t)moment.seconds * 1000000u + (uint64_t)moment.nanoseconds / 1000u;
#endif
    struct timespec plain = {0, 0};
    clock_gettime(clock, &plain);
    return (uint64_t)plain.tv_sec * 1000000u + (uint64_t)plain.tv_nsec / 1000u;
}

// ---------------------------------------------------------------- epoll, timerfd, signalfd

static inline int gh_epoll_open(void) { return epoll_create1(EPOLL_CLOEXEC); }
static inline int gh_timer_open(void) { return timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC); }

// struct epoll_event is packed on some targets only.
static inline int gh_epoll_control(int epoll, int operation, int target, uint32_t events, uint64_t token) {
    struct epoll_event event;
    memset(&event, 0, sizeof event);
    event.events = events;
    event.data.u64 = token;
    return epoll_ctl(epoll, operation, target, &event);
}

#define GH_EPOLL_BATCH 64

// Waits for at most GH_EPOLL_BATCH events and hands them back as two plain arrays.
static inline int gh_epoll_wait(int epoll, uint64_t *tokens, uint32_t *flags, int limit, int timeout) {
    struct epoll_event events[GH_EPOLL_BATCH];
    if (limit > GH_EPOLL_BATCH) limit = GH_EPOLL_BATCH;
    int count = epoll_wait(epoll, events, limit, timeout);
    for (int index = 0; index < count; index++) {
        tokens[index] = events[index].data.u64;
        flags[index] = events[index].events;
    }
    return count;
}

static inline uint32_t gh_epollin(void) { return EPOLLIN; }
static inline uint32_t gh_epollout(void) { return EPOLLOUT; }
static inline uint32_t gh_epollrdhup(void) { return EPOLLRDHUP; }
static inline uint32_t gh_epollhup(void) { return EPOLLHUP; }
static inline uint32_t gh_epollerr(void) { return EPOLLERR; }

// Arms a timerfd: first after `first` milliseconds, then each `period` milliseconds (0: once). first 0 disarms.
static inline int gh_timer_set(int timer, uint64_t first, uint64_t period) {
    struct itimerspec spec;
    memset(&spec, 0, sizeof spec);
    spec.it_value.tv_sec = (time_t)(first / 1000u);
    spec.it_value.tv_nsec = (long)(first % 1000u) * 1000000L;
    spec.it_interval.tv_sec = (time_t)(period / 1000u);
    spec.it_interval.tv_nsec = (long)(period % 1000u) * 1000000L;
    return timerfd_settime(timer, 0, &spec, NULL);
}

// A signalfd for SIGTERM, SIGINT and SIGHUP, which are blocked from here on; SIGPIPE and SIGCHLD are ignored.
static inline int gh_signal_open(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    int failed = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (failed) { errno = failed; return -1; }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

// The next pending signal's number, or -1 with errno.
static inline int gh_signal_read(int descriptor) {
    struct signalfd_siginfo information;
    ssize_t count = read(descriptor, &information, sizeof information);
    if (count < 0) return -1;
    if (count != (ssize_t)sizeof information) { errno = EIO; return -1; }
    return (int)information.ssi_signo;
}

// ---------------------------------------------------------------- files

static inline int gh_open(const char *path, int flags, unsigned mode) {
    return open64(path, flags | O_CLOEXEC, (mode_t)mode);
}

static inline int gh_openat(int directory, const char *path, int flags, unsigned mode) {
    return openat64(directory, path, flags | O_CLOEXEC, (mode_t)mode);
}

static inline int gh_file_size(int descriptor, uint64_t *size) {
    struct stat64 facts;
    if (fstat64(descriptor, &facts) < 0) return -1;
    *size = (uint64_t)facts.st_size;
    return 0;
}

// 1 a regular file, 2 a directory, 0 something else, -1 an error. A symbolic link is followed.
static inline int gh_file_kind(int directory, const char *path) {
    struct stat64 facts;
    if (fstatat64(directory, path, &facts, 0) < 0) return -1;
    if (S_ISREG(facts.st_mode)) return 1;
    return S_ISDIR(facts.st_mode) ? 2 : 0;
}

static inline ssize_t gh_read_link(int directory, const char *path, void *bytes, size_t limit) {
    return readlinkat(directory, path, (char *)bytes, limit);
}

#define GH_VIDEO_CAPABILITY_BYTES 104

// Asks the driver of a V4L2 node what the node is for: VIDIOC_QUERYCAP of linux/videodev2.h. Nothing but such a node is
// opened: major number 81 (Documentation/admin-guide/devices.txt).
static inline int gh_video_capabilities(int directory, const char *path, void *bytes) {
    _Static_assert(sizeof(struct v4l2_capability) == GH_VIDEO_CAPABILITY_BYTES, "struct v4l2_capability");
    struct stat64 facts;
    if (fstatat64(directory, path, &facts, AT_SYMLINK_NOFOLLOW) < 0) return -1;
    if (!S_ISCHR(facts.st_mode) || major(facts.st_rdev) != 81) { errno = ENODEV; return -1; }
    int descriptor = openat64(directory, path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0) return -1;
    int result = ioctl(descriptor, VIDIOC_QUERYCAP, bytes);
    int code = errno;
    close(descriptor);
    errno = code;
    return result;
}

static inline int gh_file_mode(const char *path) {
    struct stat64 facts;
    if (stat64(path, &facts) < 0) return -1;
    return (int)(facts.st_mode & 07777);
}

// What an ordinary user may still write on the file system of a path, in bytes.
static inline int gh_free_bytes(const char *path, uint64_t *bytes) {
    struct statvfs64 facts;
    if (statvfs64(path, &facts) < 0) return -1;
    *bytes = (uint64_t)facts.f_bavail * (uint64_t)facts.f_frsize;
    return 0;
}

static inline ssize_t gh_pread(int descriptor, void *bytes, size_t count, uint64_t offset) {
    return pread64(descriptor, bytes, count, (off64_t)offset);
}

static inline int gh_truncate(int descriptor, uint64_t size) { return ftruncate64(descriptor, (off64_t)size); }

// A directory stream; the caller closes it with gh_directory_close. Takes the descriptor over.
static inline void *gh_directory_open(int descriptor) { return fdopendir(descriptor); }

// The next name (valid until the next call), or NULL with errno 0 at the end.
static inline const char *gh_directory_next(void *directory) {
    errno = 0;
    struct dirent64 *entry = readdir64((DIR *)directory);
    return entry ? entry->d_name : NULL;
}

static inline void gh_directory_close(void *directory) { closedir((DIR *)directory); }

// Maps a whole file read-only; MAP_FAILED becomes NULL.
static inline const void *gh_map_file(int descriptor, size_t size) {
    void *bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, descriptor, 0);
    return bytes == MAP_FAILED ? NULL : bytes;
}

static inline void gh_unmap(const void *bytes, size_t size) { munmap((void *)(uintptr_t)bytes, size); }

// Takes the exclusive lock of a file without waiting.
static inline int gh_lock(int descriptor) { return flock(descriptor, LOCK_EX | LOCK_NB); }

// ---------------------------------------------------------------- sockets

// A socket that neither blocks nor is inherited. family 4, 6 or 1 (Unix); type SOCK_STREAM (1) or SOCK_DGRAM (2).
static inline int gh_socket(int family, int type) {
    int domain = family == 4 ? AF_INET : family == 6 ? AF_INET6 : AF_UNIX;
    return socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static inline int gh_stream(void) { return SOCK_STREAM; }
static inline int gh_datagrams(void) { return SOCK_DGRAM; }

static inline ssize_t gh_send(int descriptor, const void *bytes, size_t count) {
    return send(descriptor, bytes, count, MSG_NOSIGNAL);
}

static inline int gh_set_device(int descriptor, const char *name) {
    return setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name) + 1);
}

static inline int gh_set_blocking(int descriptor, int blocks) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return -1;
    return fcntl(descriptor, F_SETFL, blocks ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

// An address as the two families share it here: 16 octets (IPv4 uses the first four), family 4 or 6.
struct gh_address {
    uint8_t octets[16];
    uint32_t scope;
    uint16_t port;
    uint8_t family;
};

static inline socklen_t gh_address_store(const struct gh_address *from, struct sockaddr_storage *to) {
    memset(to, 0, sizeof *to);
    if (from->family == 4) {
        struct sockaddr_in *four = (struct sockaddr_in *)to;
        four->sin_family = AF_INET;
        four->sin_port = htons(from->port);
        memcpy(&four->sin_addr, from->octets, 4);
        return sizeof *four;
    }
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(from->port);
    six->sin6_scope_id = from->scope;
    memcpy(&six->sin6_addr, from->octets, 16);
    return sizeof *six;
}

static inline int gh_address_load(const struct sockaddr_storage *from, struct gh_address *to) {
    memset(to, 0, sizeof *to);
    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)from;
        to->family = 4;
        to->port = ntohs(four->sin_port);
        memcpy(to->octets, &four->sin_addr, 4);
        return 0;
    }
    if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;
        to->family = 6;
        to->port = ntohs(six->sin6_port);
        to->scope = six->sin6_scope_id;
        memcpy(to->octets, &six->sin6_addr, 16);
        return 0;
    }
    return -1;
}

static inline int gh_connect(int descriptor, const struct gh_address *address) {
    struct sockaddr_storage storage;
    socklen_t length = gh_address_store(address, &storage);
    return connect(descriptor, (const struct sockaddr *)&storage, length);
}

static inline int gh_bind(int descriptor, const struct gh_address *address) {
    struct sockaddr_storage storage;
    socklen_t length = gh_address_store(address, &storage);
    return bind(descriptor, (const struct sockaddr *)&storage, length);
}

static inline int gh_accept(int descriptor, struct gh_address *peer) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    memset(&storage, 0, sizeof storage);
    int accepted = accept4(descriptor, (struct sockaddr *)&storage, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0 && peer && gh_address_load(&storage, peer) < 0) memset(peer, 0, sizeof *peer);
    return accepted;
}

// The address at this end (which 0) or at the other end (which 1).
static inline int gh_socket_name(int descriptor, int which, struct gh_address *address) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    memset(&storage, 0, sizeof storage);
    int result = which ? getpeername(descriptor, (struct sockaddr *)&storage, &length)
                       : getsockname(descriptor, (struct sockaddr *)&storage, &length);
    if (result < 0) return -1;
    if (gh_address_load(&storage, address) < 0) { errno = EAFNOSUPPORT; return -1; }
    return 0;
}

static inline int gh_socket_set_int(int descriptor, int level, int name, int value) {
    return setsockopt(descriptor, level, name, &value, sizeof value);
}

static inline int gh_socket_get_int(int descriptor, int level, int name, int *value) {
    socklen_t length = sizeof *value;
    return getsockopt(descriptor, level, name, value, &length);
}

// Receives one datagram, with where it was sent to and on which interface it came (IP_PKTINFO of ip(7),
// IPV6_RECVPKTINFO of RFC 3542 section 4).
struct gh_datagram {
    struct gh_address source;
    struct gh_address destination; // without port; family 0 where the kernel did not say
    uint32_t interface_index;
    uint32_t truncated;
};

static inline ssize_t gh_receive_datagram(int descriptor, void *bytes, size_t limit, struct gh_datagram *facts) {
    struct sockaddr_storage source;
    union { struct cmsghdr align; char bytes[256]; } control;
    struct iovec vector = {bytes, limit};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    memset(facts, 0, sizeof *facts);
    memset(&source, 0, sizeof source);
    message.msg_name = &source;
    message.msg_namelen = sizeof source;
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    ssize_t count = recvmsg(descriptor, &message, MSG_DONTWAIT);
    if (count < 0) return count;
    gh_address_load(&source, &facts->source);
    facts->truncated = (message.msg_flags & MSG_TRUNC) != 0;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo four;
            memcpy(&four, CMSG_DATA(part), sizeof four);
            facts->destination.family = 4;
            memcpy(facts->destination.octets, &four.ipi_addr, 4);
            facts->interface_index = (uint32_t)four.ipi_ifindex;
        } else if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo six;
            memcpy(&six, CMSG_DATA(part), sizeof six);
            facts->destination.family = 6;
            memcpy(facts->destination.octets, &six.ipi6_addr, 16);
            facts->interface_index = (uint32_t)six.ipi6_ifindex;
        }
    }
    return count;
}

// Sends one datagram from a given address (family 0: the kernel chooses) through a given interface (0: any).
static inline ssize_t gh_send_datagram(int descriptor, const void *bytes, size_t count, const struct gh_address *to,
                                       const struct gh_address *from, uint32_t interface_index) {
    struct sockaddr_storage storage;
    union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))]; } control;
    struct iovec vector = {(void *)(uintptr_t)bytes, count};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    memset(&control, 0, sizeof control);
    message.msg_name = &storage;
    message.msg_namelen = gh_address_store(to, &storage);
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    if (from->family == 4 && to->family == 4) {
        struct in_pktinfo four;
        memset(&four, 0, sizeof four);
        memcpy(&four.ipi_spec_dst, from->octets, 4);
        four.ipi_ifindex = (int)interface_index;
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(sizeof four);
        control.align.cmsg_level = IPPROTO_IP;
        control.align.cmsg_type = IP_PKTINFO;
        control.align.cmsg_len = CMSG_LEN(sizeof four);
        memcpy(CMSG_DATA(&control.align), &four, sizeof four);
    } else if (from->family == 6 && to->family == 6) {
        struct in6_pktinfo six;
        memset(&six, 0, sizeof six);
        memcpy(&six.ipi6_addr, from->octets, 16);
        six.ipi6_ifindex = interface_index;
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(sizeof six);
        control.align.cmsg_level = IPPROTO_IPV6;
        control.align.cmsg_type = IPV6_PKTINFO;
        control.align.cmsg_len = CMSG_LEN(sizeof six);
        memcpy(CMSG_DATA(&control.align), &six, sizeof six);
    }
    return sendmsg(descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

// A Unix socket's address. A path that begins with '@' is abstract (unix(7)). Returns 0 if the path is too long.
static inline socklen_t gh_unix_store(const char *path, size_t length, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    if (length == 0 || length >= sizeof address->sun_path) return 0;
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, length);
    if (path[0] == '@') {
        address->sun_path[0] = 0;
        return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    }
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
}

static inline int gh_unix_bind(int descriptor, const char *path, size_t length) {
    struct sockaddr_un address;
    socklen_t size = gh_unix_store(path, length, &address);
    if (!size) { errno = ENAMETOOLONG; return -1; }
    return bind(descriptor, (const struct sockaddr *)&address, size);
}

static inline int gh_unix_connect(int descriptor, const char *path, size_t length) {
    struct sockaddr_un address;
    socklen_t size = gh_unix_store(path, length, &address);
    if (!size) { errno = ENAMETOOLONG; return -1; }
    return connect(descriptor, (const struct sockaddr *)&address, size);
}

// Who is at the other end of a Unix stream socket (SO_PEERCRED of unix(7)).
struct gh_peer { int32_t process; uint32_t user; uint32_t group; };

static inline int gh_unix_peer(int descriptor, struct gh_peer *peer) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0) return -1;
    peer->process = credentials.pid;
    peer->user = credentials.uid;
    peer->group = credentials.gid;
    return 0;
}

static inline int gh_poll_one(int descriptor, short events, int timeout) {
    struct pollfd one = {descriptor, events, 0};
    return poll(&one, 1, timeout);
}

// ---------------------------------------------------------------- names

// Resolves a host name; the caller frees with freeaddrinfo. 0, or a getaddrinfo(3) error.
static inline int gh_resolve(const char *host, struct addrinfo **result) {
    struct addrinfo hints;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    return getaddrinfo(host, NULL, &hints, result);
}

static inline int gh_addrinfo_address(const struct addrinfo *entry, struct gh_address *address) {
    struct sockaddr_storage storage;
    memset(&storage, 0, sizeof storage);
    if (!entry->ai_addr || entry->ai_addrlen > sizeof storage) return -1;
    memcpy(&storage, entry->ai_addr, entry->ai_addrlen);
    return gh_address_load(&storage, address);
}

// A pipe whose reading end does not block; neither end is inherited by a program.
static inline int gh_pipe(int *reading, int *writing) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return -1;
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0) {
        int code = errno;
        close(ends[0]);
        close(ends[1]);
        errno = code;
        return -1;
    }
    *reading = ends[0];
    *writing = ends[1];
    return 0;
}

// A child that every signal reaches, whatever was blocked, and that ends with the thread that made it: it holds copies
// of all descriptors, the lock of the state directory among them.
static inline int gh_fork(void) {
    int child = fork();
    if (child == 0) {
        sigset_t none;
        sigemptyset(&none);
        pthread_sigmask(SIG_SETMASK, &none, NULL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    }
    return child;
}

// ---------------------------------------------------------------- netlink

// Opens a netlink socket bound to multicast groups of the old kind (bits); more are joined with gh_netlink_join.
static inline int gh_netlink_open(int protocol, uint32_t groups) {
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
    if (descriptor < 0) return -1;
    struct sockaddr_nl address;
    memset(&address, 0, sizeof address);
    address.nl_family = AF_NETLINK;
    address.nl_groups = groups;
    if (bind(descriptor, (const struct sockaddr *)&address, sizeof address) < 0) {
        int code = errno;
        close(descriptor);
        errno = code;
        return -1;
    }
    return descriptor;
}

static inline int gh_netlink_join(int descriptor, uint32_t group) {
    return setsockopt(descriptor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group);
}

static inline ssize_t gh_netlink_send(int descriptor, const void *bytes, size_t count) {
    struct sockaddr_nl kernel;
    memset(&kernel, 0, sizeof kernel);
    kernel.nl_family = AF_NETLINK;
    return sendto(descriptor, bytes, count, 0, (const struct sockaddr *)&kernel, sizeof kernel);
}

// Receives one netlink datagram and the port that sent it (0 is the kernel; anything else is to be mistrusted).
static inline ssize_t gh_netlink_receive(int descriptor, void *bytes, size_t limit, uint32_t *sender) {
    struct sockaddr_nl from;
    struct iovec vector = {bytes, limit};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    memset(&from, 0, sizeof from);
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    ssize_t count = recvmsg(descriptor, &message, MSG_DONTWAIT);
    *sender = from.nl_pid;
    if (count >= 0 && (message.msg_flags & MSG_TRUNC)) { errno = EMSGSIZE; return -1; }
    return count;
}

// ---------------------------------------------------------------- Bluetooth

// A management socket: HCI_CHANNEL_CONTROL of no controller (net/bluetooth/hci_sock.h of the kernel, which has no header of
// this for programs).
static inline int gh_bluetooth_open(void) {
    struct { sa_family_t family; unsigned short device; unsigned short channel; } address = {AF_BLUETOOTH, 0xFFFF, 3};
    int descriptor = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 1 /* BTPROTO_HCI */);
    if (descriptor < 0) return -1;
    if (bind(descriptor, (const struct sockaddr *)&address, sizeof address) < 0) {
        int code = errno;
        close(descriptor);
        errno = code;
        return -1;
    }
    return descriptor;
}

// ---------------------------------------------------------------- packet sockets (packet(7), kernel
// Documentation/networking/packet_mmap.rst)

// Opens a packet socket that receives nothing until it is bound, lets `count` filter instructions through, and
// makes a TPACKET_V3 ring of blocks.
static inline int gh_packet_open(const struct sock_filter *program, unsigned short count) {
    int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -1;
    struct sock_fprog filter = {count, (struct sock_filter *)(uintptr_t)program};
    int version = TPACKET_V3;
    if (setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0 ||
        setsockopt(descriptor, SOL_PACKET, PACKET_VERSION, &version, sizeof version) < 0) {
        int code = errno;
        close(descriptor);
        errno = code;
        return -1;
    }
    return descriptor;
}

static inline int gh_packet_attach(int descriptor, const struct sock_filter *program, unsigned short count) {
    struct sock_fprog filter = {count, (struct sock_filter *)(uintptr_t)program};
    return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

static inline int gh_packet_ring(int descriptor, uint32_t block_bytes, uint32_t blocks, uint32_t retire_milliseconds) {
    struct tpacket_req3 request;
    memset(&request, 0, sizeof request);
    request.tp_block_size = block_bytes;
    request.tp_block_nr = blocks;
    request.tp_frame_size = 2048;
    request.tp_frame_nr = block_bytes / 2048 * blocks;
    request.tp_retire_blk_tov = retire_milliseconds;
    return setsockopt(descriptor, SOL_PACKET, PACKET_RX_RING, &request, sizeof request);
}

static inline void *gh_packet_map(int descriptor, size_t size) {
    void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    return bytes == MAP_FAILED ? NULL : bytes;
}

static inline int gh_packet_bind(int descriptor, int interface_index) {
    struct sockaddr_ll address;
    memset(&address, 0, sizeof address);
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = interface_index;
    return bind(descriptor, (const struct sockaddr *)&address, sizeof address);
}

// Sees multicast groups nobody joined (mDNS, SSDP of other families) without leaving the interface's own filter.
static inline int gh_packet_all_multicast(int descriptor, int interface_index) {
    struct packet_mreq request;
    memset(&request, 0, sizeof request);
    request.mr_ifindex = interface_index;
    request.mr_type = PACKET_MR_ALLMULTI;
    return setsockopt(descriptor, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof request);
}

static inline int gh_packet_promiscuous(int descriptor, int interface_index) {
    struct packet_mreq request;
    memset(&request, 0, sizeof request);
    request.mr_ifindex = interface_index;
    request.mr_type = PACKET_MR_PROMISC;
    return setsockopt(descriptor, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof request);
}

// Counts since the last call (the kernel sets them to zero).
static inline int gh_packet_statistics(int descriptor, uint32_t *packets, uint32_t *drops, uint32_t *freezes) {
    struct tpacket_stats_v3 figures;
    socklen_t length = sizeof figures;
    memset(&figures, 0, sizeof figures);
    if (getsockopt(descriptor, SOL_PACKET, PACKET_STATISTICS, &figures, &length) < 0) return -1;
    *packets = figures.tp_packets;
    *drops = figures.tp_drops;
    *freezes = figures.tp_freeze_q_cnt;
    return 0;
}

// Whether the kernel has handed the block over; the acquire pairs with the kernel's write barrier.
static inline int gh_block_is_ready(const void *block) {
    const struct tpacket_block_desc *head = (const struct tpacket_block_desc *)block;
    return (__atomic_load_n(&head->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) != 0;
}

static inline void gh_block_release(void *block) {
    struct tpacket_block_desc *head = (struct tpacket_block_desc *)block;
    __atomic_store_n(&head->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
}

static inline uint32_t gh_block_packets(const void *block) {
    return ((const struct tpacket_block_desc *)block)->hdr.bh1.num_pkts;
}

static inline uint32_t gh_block_first_offset(const void *block) {
    return ((const struct tpacket_block_desc *)block)->hdr.bh1.offset_to_first_pkt;
}

// One frame's header, copied out of the ring. vlan is the tag control information the kernel took off, or 0xFFFFFFFF.
struct gh_frame {
    uint64_t time_microseconds;
    uint32_t next_offset;
    uint32_t data_offset;
    uint32_t captured;
    uint32_t length;
    uint32_t vlan;
    uint32_t interface_index;
    uint8_t packet_type;
};

static inline void gh_frame_load(const void *header, struct gh_frame *frame) {
    const struct tpacket3_hdr *head = (const struct tpacket3_hdr *)header;
    const struct sockaddr_ll *link =
        (const struct sockaddr_ll *)((const char *)header + TPACKET_ALIGN(sizeof(struct tpacket3_hdr)));
    frame->time_microseconds = (uint64_t)head->tp_sec * 1000000u + head->tp_nsec / 1000u;
    frame->next_offset = head->tp_next_offset;
    frame->data_offset = head->tp_mac;
    frame->captured = head->tp_snaplen;
    frame->length = head->tp_len;
    frame->vlan = (head->tp_status & TP_STATUS_VLAN_VALID) ? head->hv1.tp_vlan_tci : 0xFFFFFFFFu;
    frame->interface_index = (uint32_t)link->sll_ifindex;
    frame->packet_type = link->sll_pkttype;
}

#endif
