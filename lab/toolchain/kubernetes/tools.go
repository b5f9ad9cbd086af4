//go:build tools

// Package tools pins the programs that the lab builds as they are.
package tools

import (
	_ "k8s.io/kubernetes/cmd/kubelet"
	_ "sigs.k8s.io/kwok/cmd/kwok"
)
