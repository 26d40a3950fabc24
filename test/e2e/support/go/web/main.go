// Command web is the workload of the lab: a small HTTP server, and a client that counts answers and failures.
//
//	web serve [-listen :8080]        answers every GET with one line of JSON about itself
//	web probe [-interval 50ms] URL   asks again and again until its standard input closes, then prints the counts
//
// Environment of serve: WEB_DATA, a file to which PUT bodies are appended and synced before they are acknowledged (GET
// /data reads it); WEB_GRACE, how long it goes on after SIGTERM; WEB_FAREWELL, a file written at the end of that time.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "probe" {
		probe(os.Args[2:])
		return
	}
	serve(os.Args[1:])
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func serve(args []string) {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	listen := flags.String("listen", ":8080", "address")
	if len(args) > 0 && args[0] == "serve" {
		args = args[1:]
	}
	_ = flags.Parse(args)
	host, _ := os.Hostname()
	about := map[string]string{"host": host, "node": os.Getenv("NODE_NAME"), "started": time.Now().UTC().Format(time.RFC3339Nano)}
	var writing sync.Mutex
	data := os.Getenv("WEB_DATA")
	http.HandleFunc("/data", func(w http.ResponseWriter, r *http.Request) {
		writing.Lock()
		defer writing.Unlock()
		var err error
		if r.Method == http.MethodPut {
			err = appendSynced(data, r.Body)
		} else {
			var content []byte
			if content, err = os.ReadFile(data); err == nil {
				_, _ = w.Write(content)
			}
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(about)
	})
	go func() { fail(http.ListenAndServe(*listen, nil)) }()
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM, syscall.SIGINT)
	<-terminated
	if grace, err := time.ParseDuration(os.Getenv("WEB_GRACE")); err == nil {
		time.Sleep(grace)
	}
	if farewell := os.Getenv("WEB_FAREWELL"); farewell != "" {
		if err := os.WriteFile(farewell, []byte("ended by itself\n"), 0o644); err != nil {
			fail(err)
		}
	}
}

func appendSynced(path string, body io.Reader) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := io.Copy(file, body); err != nil {
		return err
	}
	return file.Sync()
}

func probe(args []string) {
	flags := flag.NewFlagSet("probe", flag.ExitOnError)
	interval := flags.Duration("interval", 50*time.Millisecond, "time between two requests")
	timeout := flags.Duration("timeout", 5*time.Second, "time a request may take")
	_ = flags.Parse(args)
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	// A connection of its own for every request: each must find its way through the Service anew.
	client := &http.Client{Timeout: *timeout, Transport: &http.Transport{DisableKeepAlives: true}}
	counts := struct {
		OK     int      `json:"ok"`
		Failed int      `json:"failed"`
		Errors []string `json:"errors"`
	}{Errors: []string{}}
	for ticker := time.NewTicker(*interval); ; {
		if err := ask(client, flags.Arg(0)); err == nil {
			counts.OK++
		} else {
			counts.Failed++
			if len(counts.Errors) < 10 {
				counts.Errors = append(counts.Errors, time.Now().UTC().Format(time.RFC3339)+" "+err.Error())
			}
		}
		select {
		case <-ended:
			_ = json.NewEncoder(os.Stdout).Encode(counts)
			return
		case <-ticker.C:
		}
	}
}

func ask(client *http.Client, url string) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", response.Status)
	}
	return nil
}
