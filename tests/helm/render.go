// Renders the templates of a chart with Go's own text/template, which is Helm's engine, and those
// of Helm's functions that the chart uses. A template that uses another one fails.
//
//	go run render.go CHART_FOLDER < {"Values": …, "Release": …, "Chart": …}
//
// Each rendered file goes to standard output behind a line "--- # NAME".
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"
)

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// JSON is YAML, and this program has no YAML library.
func toJSON(v any) (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return strings.TrimSuffix(out.String(), "\n"), err
}

func empty(v any) bool {
	truth, ok := template.IsTrue(v)
	return !ok || !truth
}

func number(v any) float64 {
	switch n := v.(type) {
	case float64:
		return n
	case int:
		return float64(n)
	}
	fail(fmt.Errorf("add: %v is no number", v))
	return 0
}

func main() {
	var values map[string]any
	fail(json.NewDecoder(os.Stdin).Decode(&values))
	chart := template.New("chart").Option("missingkey=error")
	chart.Funcs(template.FuncMap{
		"include": func(name string, data any) (string, error) {
			var out bytes.Buffer
			err := chart.ExecuteTemplate(&out, name, data)
			return out.String(), err
		},
		"default": func(other, v any) any {
			if empty(v) {
				return other
			}
			return v
		},
		"quote": func(v any) string { return fmt.Sprintf("%q", fmt.Sprint(v)) },
		"nindent": func(spaces int, text string) string {
			pad := strings.Repeat(" ", spaces)
			return "\n" + pad + strings.ReplaceAll(text, "\n", "\n"+pad)
		},
		"contains": func(part, text string) bool { return strings.Contains(text, part) },
		"fail":     func(why string) (string, error) { return "", errors.New(why) },
		"toYaml":   toJSON,
		"toJson": toJSON,
		"sha256sum": func(text string) string {
			sum := sha256.Sum256([]byte(text))
			return hex.EncodeToString(sum[:])
		},
		"add": func(all ...any) int64 {
			var sum float64
			for _, v := range all {
				sum += number(v)
			}
			return int64(sum)
		},
	})
	files, err := filepath.Glob(filepath.Join(os.Args[1], "templates", "*"))
	fail(err)
	sort.Strings(files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		fail(err)
		_, err = chart.New(filepath.Base(file)).Parse(string(text))
		fail(err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file, ".yaml") {
			continue
		}
		fmt.Printf("--- # %s\n", filepath.Base(file))
		fail(chart.ExecuteTemplate(os.Stdout, filepath.Base(file), values))
	}
}
