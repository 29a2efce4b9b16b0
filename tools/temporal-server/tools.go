//go:build tools

// Keeps in go.mod what is built from here, so that versions and checksums are locked: the Temporal command line, and the
// server with an authorizer and the UI with a login that the tests of verified principals run.
package tools

import (
	_ "github.com/temporalio/cli/cmd/temporal"
	_ "github.com/temporalio/ui-server/v2/cmd/server"
	_ "go.temporal.io/server/cmd/server"
)
