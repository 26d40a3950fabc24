module edgelab

go 1.21
