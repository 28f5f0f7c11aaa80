/* hear: looks through a file for a word that stays in, however it is written (canary.c). Says in
 * which encoding one stands there, and ends with 1; with 2 where there is nothing to look through.
 *
 *   hear FILE */
#include "tests/properties/world.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

int main(int argc, char **argv) {
    struct stat is;
    int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0 || fstat(fd, &is) != 0 || is.st_size == 0) {
        (void)fprintf(stderr, "usage: hear FILE, one that can be read and holds something\n");
        return 2;
    }
    void *at = mmap(NULL, (size_t)is.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED) return 2;
    const char *how = canary_heard((Str){.at = at, .len = (size_t)is.st_size});
    if (how) (void)printf("%s\n", how);
    return how != NULL;
}
