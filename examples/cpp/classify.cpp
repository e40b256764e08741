// Classifies a picture from standard input:  classify MODEL < picture.pgm
// The picture is a PGM or PPM file (P5, P6; one byte a value), or the model's input as raw bytes in
// the order channel, row, column. Prints the class, then every class's score. On an error: one line
// on standard error, exit code 2.
#include <spikelet.h>

#include <cctype>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using Bytes = std::vector<uint8_t>;

static Bytes read_all(std::istream &stream) {
  return Bytes(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
}

// An engine with the model and the arena that it works on.
class Classifier {
 public:
  explicit Classifier(Bytes model) : model_(std::move(model)), engine_() {
    check(spikelet_open(&engine_, model_.data(), model_.size()));
    size_t size = spikelet_arena_size(&engine_), room = size + SPIKELET_ARENA_ALIGNMENT;
    arena_.resize(room);
    void *start = arena_.data();
    check(spikelet_attach(&engine_, std::align(SPIKELET_ARENA_ALIGNMENT, size, start, room), size));
  }
  Classifier(const Classifier &) = delete;
  Classifier &operator=(const Classifier &) = delete;

  int32_t classify(const Bytes &pixels) {
    int32_t prediction = 0;
    check(spikelet_run(&engine_, pixels.data(), pixels.size(), 0, 0, &prediction, nullptr));
    return prediction;
  }

  std::vector<int32_t> scores() const {
    std::vector<int32_t> values(static_cast<size_t>(spikelet_class_count(&engine_)));
    if (spikelet_scores(&engine_, values.data(), values.size()) != SPIKELET_OK) values.clear();
    return values;
  }

 private:
  void check(spikelet_error_t error) const {
    if (error == SPIKELET_OK) return;
    const spikelet_error_details_t at = engine_.error;
    std::ostringstream text;
    text << spikelet_field_string(at.field) << ' ' << spikelet_error_string(error);
    if (at.needed != 0 || at.given != 0)
      text << " (needed " << at.needed << ", given " << at.given << ')';
    throw std::runtime_error(text.str());
  }

  Bytes model_, arena_;
  spikelet_t engine_;
};

// The pixels of a PGM or PPM file, channel by channel; other bytes as they are.
static Bytes pixels_of(const Bytes &file) {
  if (file.size() < 2 || file[0] != 'P' || (file[1] != '5' && file[1] != '6')) return file;
  size_t at = 2, channels = file[1] == '5' ? 1 : 3, numbers[3];
  for (size_t &number : numbers) {
    while (at < file.size() && (std::isspace(file[at]) || file[at] == '#'))
      if (file[at++] == '#')
        while (at < file.size() && file[at] != '\n') at++;
    for (number = 0; at < file.size() && std::isdigit(file[at]) && number < 65536; at++)
      number = number * 10 + (file[at] - '0');
  }
  size_t count = numbers[0] * numbers[1];
  if (at++ >= file.size() || numbers[2] != 255 || count == 0 || file.size() - at != count * channels)
    throw std::runtime_error("is no whole PGM or PPM file with a maximum of 255");
  Bytes pixels(count * channels);
  for (size_t i = 0; i < pixels.size(); i++)
    pixels[i % channels * count + i / channels] = file[at + i];
  return pixels;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    std::cerr << "usage: classify MODEL < PICTURE\n";
    return 2;
  }
  std::string subject = argv[1];
  try {
    std::ifstream file(subject, std::ios::binary);
    if (!file) throw std::runtime_error("cannot be opened");
    Classifier classifier(read_all(file));
    subject = "standard input";
    const Bytes pixels = pixels_of(read_all(std::cin));
    if (pixels.empty()) throw std::runtime_error("holds no picture");
    std::cout << classifier.classify(pixels);
    for (int32_t score : classifier.scores()) std::cout << ' ' << score;
    std::cout << '\n' << std::flush;
    subject = "standard output";
    if (!std::cout) throw std::runtime_error("cannot be written");
  } catch (const std::exception &error) {
    std::cerr << subject << ": " << error.what() << '\n';
    return 2;
  }
  return 0;
}
