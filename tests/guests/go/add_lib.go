// A reactor: a module without a start function, whose exports are called after _initialize.
package main

//go:wasmexport add
func add(a, b int32) int32 { return a + b }

func main() {}
