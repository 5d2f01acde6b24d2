# The three gateways: sourced by the scripts beside it.
#
# swift_target  the triple whose Embedded standard library the toolchain ships
# c_target      the triple of the C side: Linux and glibc, which Embedded Swift takes everything from
# debian        Debian's name of the architecture
# qemu          the qemu-user binary that runs the result here; empty where the host itself does

all_targets="amd64 arm64 armhf"

select_target() {
    debian=$1
    c_flags=""
    case "$1" in
    amd64) swift_target=x86_64-unknown-linux-gnu c_target=x86_64-linux-gnu qemu="" ;;
    arm64) swift_target=aarch64-none-none-elf c_target=aarch64-linux-gnu qemu=qemu-aarch64-static ;;
    armhf)
        swift_target=armv7-none-none-eabi c_target=arm-linux-gnueabihf qemu=qemu-arm-static
        c_flags="-mfloat-abi=hard -march=armv7-a -mfpu=vfpv3-d16"
        ;;
    *)
        echo "cross: unknown target '$1'; one of: $all_targets" >&2
        exit 64
        ;;
    esac
}
