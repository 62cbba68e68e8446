// Command hpaoracle answers test cases with the real HorizontalPodAutoscaler
// controller of k8s.io/kubernetes v1.37.2. See README.md.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
)

type Case struct {
	ID         string        `json:"id"`
	Kind       string        `json:"kind"`
	Start      string        `json:"start,omitempty"`
	Controller ControllerCfg `json:"controller"`
	World      World         `json:"world"`
	Steps      []Step        `json:"steps,omitempty"`

	// kind "loop"
	DurationSeconds float64 `json:"durationSeconds,omitempty"`
	Workers         int     `json:"workers,omitempty"`

	// kind "validate" / "convert"
	HPA         json.RawMessage `json:"hpa,omitempty"`
	Old         json.RawMessage `json:"old,omitempty"`
	Version     string          `json:"version,omitempty"`
	Subresource string          `json:"subresource,omitempty"` // "" | "status"

	// kind "quantity"
	Quantities      []string          `json:"quantities,omitempty"`
	MilliQuantities []MilliQuantityIn `json:"milliQuantities,omitempty"`

	// kind "selector"
	Selectors      []string            `json:"selectors,omitempty"`
	LabelSelectors []json.RawMessage   `json:"labelSelectors,omitempty"`
	Labels         []map[string]string `json:"labels,omitempty"`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "bench" {
		quiet()
		benchMain(os.Args[2:])
		return
	}
	pretty := flag.Bool("pretty", false, "indent the results")
	repeat := flag.Int("repeat", 1, "run every case this many times and report differing results")
	flag.Parse()
	quiet()

	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 1 {
			answer(line, out, *pretty, *repeat)
		}
		if in.Buffered() == 0 { // whoever asks line by line waits for the answer
			if err := out.Flush(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func quiet() {
	klog.SetLogger(logr.Discard())
}

func answer(line []byte, out *bufio.Writer, pretty bool, repeat int) {
	once := func() map[string]interface{} {
		c := &Case{}
		dec := json.NewDecoder(bytesReader(line))
		dec.DisallowUnknownFields()
		res := map[string]interface{}{}
		err := dec.Decode(c)
		if err == nil {
			res, err = run(c)
		}
		if err != nil {
			res = map[string]interface{}{"oracleError": err.Error()}
		}
		res["id"] = c.ID
		return res
	}
	res := once()
	first, _ := json.Marshal(res)
	for i := 1; i < repeat; i++ {
		again, _ := json.Marshal(once())
		if string(again) != string(first) {
			res["nondeterministic"] = true
			if _, ok := res["otherResult"]; !ok {
				res["otherResult"] = json.RawMessage(again)
			}
		}
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if pretty {
		enc.SetIndent("", "  ")
	}
	if err := enc.Encode(res); err != nil {
		panic(err)
	}
}

func run(c *Case) (map[string]interface{}, error) {
	switch c.Kind {
	case "", "reconcile":
		return runReconcile(c)
	case "loop":
		return runLoop(c)
	case "validate":
		return runValidate(c)
	case "convert":
		return runConvert(c)
	case "quantity":
		return runQuantity(c)
	case "selector":
		return runSelector(c)
	}
	return nil, fmt.Errorf("unknown kind %q", c.Kind)
}
