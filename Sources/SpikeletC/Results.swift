// The functions of include/spikelet.h that look at a model, a result or an error.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CSpikelet
import SpikeletRuntime

@c @implementation
public func spikelet_arena_size(_ engine: UnsafePointer<spikelet_t>?) -> Int {
  guard let engine = unsafe engine, unsafe engine.pointee.isOpen else { return 0 }
  return unsafe engine.pointee.makeModel().arenaBytes
}

@c @implementation
public func spikelet_team_arena_size(
  _ engine: UnsafePointer<spikelet_t>?, _ threads: Int32
) -> Int {
  guard let engine = unsafe engine, unsafe engine.pointee.isOpen, threads >= 1, threads <= 16
  else { return 0 }
  #if SPIKELET_WITHOUT_THREADS
    return unsafe engine.pointee.makeModel().arenaBytes
  #else
    return unsafe engine.pointee.makeModel().arenaBytes(threads: Int(threads))
  #endif
}

@c @implementation
public func spikelet_input_size(_ engine: UnsafePointer<spikelet_t>?) -> Int {
  guard let engine = unsafe engine, unsafe engine.pointee.isOpen else { return 0 }
  return unsafe engine.pointee.makeModel().inputCount
}

@c @implementation
public func spikelet_class_count(_ engine: UnsafePointer<spikelet_t>?) -> Int32 {
  guard let engine = unsafe engine, unsafe engine.pointee.isOpen else { return 0 }
  return Int32(truncatingIfNeeded: unsafe engine.pointee.makeModel().classCount)
}

@c @implementation
public func spikelet_timesteps(_ engine: UnsafePointer<spikelet_t>?) -> Int32 {
  guard let engine = unsafe engine, unsafe engine.pointee.isOpen else { return 0 }
  return unsafe engine.pointee.makeModel().header.timesteps
}

@c @implementation
public func spikelet_maximum_timesteps(_ engine: UnsafePointer<spikelet_t>?) -> Int32 {
  guard let engine = unsafe engine, unsafe engine.pointee.isOpen else { return 0 }
  return unsafe engine.pointee.makeModel().header.maximumTimesteps
}

@c @implementation
public func spikelet_prediction(
  _ engine: UnsafePointer<spikelet_t>?, _ result: UnsafeMutablePointer<Int32>?
) -> spikelet_error_t {
  guard let engine = unsafe engine, let result = unsafe result else { return Failure.nullPointer }
  if let failure = unsafe engine.pointee.failureToRead { return failure }
  guard let runner = try? unsafe engine.pointee.makeEngine() else { return Failure.notAttached }
  unsafe result.pointee = Int32(truncatingIfNeeded: runner.prediction)
  return spikelet_error_t(SPIKELET_OK)
}

@c @implementation
public func spikelet_scores(
  _ engine: UnsafePointer<spikelet_t>?, _ scores: UnsafeMutablePointer<Int32>?, _ count: Int
) -> spikelet_error_t {
  guard let engine = unsafe engine, let scores = unsafe scores else { return Failure.nullPointer }
  if let failure = unsafe engine.pointee.failureToRead { return failure }
  guard let runner = try? unsafe engine.pointee.makeEngine() else { return Failure.notAttached }
  // A count that does not fit a signed word is more room than any model needs.
  guard count < 0 || count >= runner.model.classCount else { return Failure.resultTooSmall }
  var room = unsafe MutableSpan(_unsafeStart: scores, count: runner.model.classCount)
  runner.copyScores(to: &room)
  return spikelet_error_t(SPIKELET_OK)
}

@c @implementation
public func spikelet_last_error(_ engine: UnsafePointer<spikelet_t>?) -> spikelet_error_details_t {
  guard let engine = unsafe engine else { return spikelet_error_details_t(Failure.nullPointer) }
  return unsafe engine.pointee.error
}
