#ifndef GATEHOUSE_CYAML_SHIM_H
#define GATEHOUSE_CYAML_SHIM_H

#include <yaml.h>
#include <errno.h>
#include <stdio.h>

/* The event's union is reached through functions, so that Swift needs no C union. */

static inline const yaml_char_t *gatehouse_yaml_scalar(const yaml_event_t *event, size_t *length) {
    *length = event->data.scalar.length;
    return event->data.scalar.value;
}

static inline int gatehouse_yaml_scalar_is_plain(const yaml_event_t *event) {
    return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* Whether a node has an anchor or an explicit tag. */
static inline int gatehouse_yaml_is_decorated(const yaml_event_t *event) {
    switch (event->type) {
    case YAML_SCALAR_EVENT: return event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor != NULL || event->data.sequence_start.tag != NULL;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor != NULL || event->data.mapping_start.tag != NULL;
    default: return 0;
    }
}

/* Reads at most `capacity` bytes of a file. Returns how many, or minus the errno. */
static inline long gatehouse_read_file(const char *path, unsigned char *buffer, size_t capacity) {
    FILE *file = fopen(path, "rbe");
    if (file == NULL) { return -(long)errno; }
    errno = 0;
    size_t count = fread(buffer, 1, capacity, file);
    long result = ferror(file) ? -(long)(errno != 0 ? errno : EIO) : (long)count;
    fclose(file);
    return result;
}

#endif
