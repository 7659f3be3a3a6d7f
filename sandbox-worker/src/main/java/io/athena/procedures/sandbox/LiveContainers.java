package io.athena.procedures.sandbox;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts who uses each container, and closes it when nobody does. Thread-safe. */
final class LiveContainers {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closed = lock.newCondition();
  private final Map<Container, Integer> users = new HashMap<>();
  private int closing;

  /** Adds a user; each one must be released. */
  void retain(Container container) {
    lock.lock();
    try {
      users.merge(container, 1, Integer::sum);
    } finally {
      lock.unlock();
    }
  }

  /** Takes a user away; with the last one the container ends, which takes some time. */
  void release(Container container) {
    lock.lock();
    try {
      Integer count = users.get(container);
      if (count == null) {
        return; // Closed with all others.
      }
      if (count > 1) {
        users.put(container, count - 1);
        return;
      }
      users.remove(container);
      closing++;
    } finally {
      lock.unlock();
    }
    close(container);
  }

  private void close(Container container) {
    try {
      container.close();
    } finally {
      lock.lock();
      try {
        closing--;
        closed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  int count() {
    lock.lock();
    try {
      return users.size();
    } finally {
      lock.unlock();
    }
  }

  /** Ends all containers, whoever uses them, and waits for those that are ending already. */
  void closeAll() {
    List<Container> containers;
    lock.lock();
    try {
      containers = new ArrayList<>(users.keySet());
      users.clear();
      closing += containers.size();
    } finally {
      lock.unlock();
    }
    containers.forEach(this::close);
    lock.lock();
    try {
      while (closing > 0) {
        // Bounded: a container's end is.
        closed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
