/* Preloaded into a process, keeps a copy of what is on the disk for certain: of every file below $SYNCED_ROOT as it was when it was last
 * synced, under the same path below $SYNCED_COPY. A new name of a file that was synced before counts once its folder is synced. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static void make_folders(char *path) {
    for (char *at = path + 1; *at; at++)
        if (*at == '/') {
            *at = 0;
            mkdir(path, 0700);
            *at = '/';
        }
}

/* Beside its place, then moved there: whoever looks at the copies sees a whole one. */
static void copy_to(const char *source, char *target) {
    char beside[PATH_MAX], block[1 << 16];
    make_folders(target);
    snprintf(beside, sizeof beside, "%s.%d.part", target, (int)gettid());
    int from = open(source, O_RDONLY), to = open(beside, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t got = -1;
    while (from >= 0 && to >= 0 && (got = read(from, block, sizeof block)) > 0)
        if (write(to, block, got) != got) abort();
    if (from >= 0) close(from);
    if (to >= 0) close(to);
    if (got < 0 || rename(beside, target)) unlink(beside);
}

static void keep_file(const char *path, const struct stat *facts, const char *below) {
    char target[PATH_MAX];
    const char *copies = getenv("SYNCED_COPY");
    snprintf(target, sizeof target, "%s/%s", copies, below);
    copy_to(path, target);
    snprintf(target, sizeof target, "%s/.by-number/%llu", copies, (unsigned long long)facts->st_ino);
    copy_to(path, target);
}

static void keep_names(const char *path, const char *below) {
    char known[PATH_MAX], target[PATH_MAX], source[PATH_MAX];
    const char *copies = getenv("SYNCED_COPY");
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        struct stat now, then;
        snprintf(source, sizeof source, "%s/%s", path, entry->d_name);
        snprintf(known, sizeof known, "%s/.by-number/%llu", copies, (unsigned long long)entry->d_ino);
        if (stat(source, &now) || !S_ISREG(now.st_mode) || stat(known, &then) || now.st_size != then.st_size) continue;
        snprintf(target, sizeof target, "%s/%s/%s", copies, below, entry->d_name);
        if (access(target, F_OK)) copy_to(known, target);
    }
    if (folder) closedir(folder);
}

static void keep(int descriptor) {
    char link[64], path[PATH_MAX];
    const char *root = getenv("SYNCED_ROOT");
    struct stat facts;
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (!root || length < 0 || fstat(descriptor, &facts)) return;
    path[length] = 0;
    if (strncmp(path, root, strlen(root))) return;
    const char *below = path + strlen(root);
    while (*below == '/') below++;
    pthread_mutex_lock(&one_at_a_time);
    if (S_ISREG(facts.st_mode)) keep_file(path, &facts, below);
    else if (S_ISDIR(facts.st_mode)) keep_names(path, below);
    pthread_mutex_unlock(&one_at_a_time);
    errno = before;
}

/* What is written by now is what the sync makes safe; what is written meanwhile is not counted. */
int fsync(int descriptor) {
    keep(descriptor);
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(descriptor);
}

int fdatasync(int descriptor) {
    keep(descriptor);
    return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(descriptor);
}
