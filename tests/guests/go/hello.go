// Greets its arguments; goroutines, maps, the collector and the file system take part.
package main

import (
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
)

func main() {
	fmt.Println("hello from Go:", strings.Join(os.Args[1:], " "))
	squares := map[int]int{}
	var lock sync.Mutex
	var group sync.WaitGroup
	for i := 0; i < 100; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			garbage := make([]byte, 100_000)
			lock.Lock()
			defer lock.Unlock()
			squares[i] = i*i + int(garbage[i])
		}()
	}
	group.Wait()
	sum := 0
	for _, square := range squares {
		sum += square
	}
	fmt.Println("sum of squares:", sum)
	entries, err := os.ReadDir(".")
	if err != nil {
		fmt.Println("no directory")
	} else {
		names := []string{}
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
		sort.Strings(names)
		fmt.Println("files:", names)
	}
	if len(os.Args) > 1 && os.Args[1] == "fail" {
		os.Exit(3)
	}
}
