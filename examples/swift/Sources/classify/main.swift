// Classifies a picture:  classify MODEL PICTURE   (raw bytes: channel, row, column)
// Prints the class and every class's score. On an error: one line on standard error, exit code 2.
import Foundation
import SpikeletClassifier

func fail(_ text: String) -> Never {
  FileHandle.standardError.write(Data((text + "\n").utf8))
  exit(2)
}

let arguments = CommandLine.arguments
guard arguments.count == 3 else { fail("usage: classify MODEL PICTURE") }
guard let pixels = FileManager.default.contents(atPath: arguments[2]) else {
  fail("\(arguments[2]): cannot be read")
}
do {
  let classifier = try Classifier(contentsOf: arguments[1])
  let result = try classifier.classify([UInt8](pixels))
  print(([result.prediction] + result.scores).map(String.init).joined(separator: " "))
} catch {
  fail("\(error)")
}
