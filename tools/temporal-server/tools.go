//go:build tools

// Keeps the Temporal command line in go.mod, so that its version and checksums are locked.
package tools

import _ "github.com/temporalio/cli/cmd/temporal"
