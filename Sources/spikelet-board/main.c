// A C entry point, because Embedded Swift's own does not pass the arguments on. All else is Swift.
int spikelet_board_main(int count, char **arguments);

int main(int count, char **arguments) { return spikelet_board_main(count, arguments); }
