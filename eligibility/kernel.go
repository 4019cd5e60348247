package eligibility

import "os"

// kernelVariable names the kernel to use where Options do not, so that a whole
// process can be made to run without assembly.
const kernelVariable = "TONGBAN_KERNEL"

func (o Options) kernel() string {
	if o.Kernel != "" {
		return o.Kernel
	}
	return os.Getenv(kernelVariable)
}
