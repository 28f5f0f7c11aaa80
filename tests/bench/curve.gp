# Latency against offered load, as shares of peak, with the knee. Called with the data's file, the
# picture's file and the knee's share: gnuplot -c curve.gp DATA SVG KNEE
set terminal svg size 760,420 font "sans-serif,13" background rgb "white"
set output ARG2
set logscale y
set xlabel "offered load, as a share of peak"
set ylabel "latency, ms"
set grid ytics lc rgb "#dddddd"
set key top left
set xrange [0:*]
set arrow from ARG3 + 0, graph 0 to ARG3 + 0, graph 1 nohead dt 2 lc rgb "#888888"
set label "knee" at ARG3 + 0, graph 0.96 offset 0.6,0 tc rgb "#555555"
plot ARG1 using 1:2 with linespoints lw 2 pt 7 ps 0.6 lc rgb "#1f5fa8" title "p50", \
     ARG1 using 1:3 with linespoints lw 2 pt 7 ps 0.6 lc rgb "#c0392b" title "p99"
