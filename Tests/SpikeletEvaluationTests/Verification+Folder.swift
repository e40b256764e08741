import Foundation
import SpikeletClassifier
import SpikeletEvaluation

extension Verification {
  /// The comparison with the vectors of a folder, by the model that its manifest names.
  init(folder: URL) throws {
    let golden = try GoldenFolder(folder)
    let model = try ModelFile(contentsOf: golden.configurationURL)
    self.init(
      vectors: try golden.vectors(model: model), model: model, pictures: try golden.pictures())
  }
}
