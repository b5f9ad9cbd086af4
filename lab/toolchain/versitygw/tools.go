//go:build tools

// Package tools pins the S3 server against which transfers of files are tested and measured.
package tools

import _ "github.com/versity/versitygw/cmd/versitygw"
