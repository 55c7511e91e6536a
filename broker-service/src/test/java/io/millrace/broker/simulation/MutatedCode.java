package io.millrace.broker.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;

/** The broker's classes and the simulation once more, with one mutation among them; everything else is shared. */
final class MutatedCode extends ClassLoader {

    private static final String OURS = "io.millrace.broker.";

    private final Mutation mutation;
    private int applied;

    MutatedCode(Mutation mutation) {
        super(MutatedCode.class.getClassLoader());
        this.mutation = mutation;
    }

    /** Lives through one seed; returns what was found to be broken, null for nothing. */
    Throwable live(long seed) {
        return failure(() ->
                loadClass(Lives.class.getName()).getMethod("broken", long.class).invoke(null, seed));
    }

    /** Runs a test of a class that keeps its files in {@code directory} and has a method {@code close}; returns how it failed. */
    Throwable run(String testClass, String method, Path directory) {
        return failure(() -> {
            Class<?> type = loadClass(testClass);
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            Object test = constructor.newInstance();
            Field files = type.getDeclaredField("directory");
            files.setAccessible(true);
            files.set(test, directory);
            try {
                call(test, method);
            } finally {
                call(test, "close");
            }
        });
    }

    private static void call(Object test, String name) throws ReflectiveOperationException {
        Method method = test.getClass().getDeclaredMethod(name);
        method.setAccessible(true);
        method.invoke(test);
    }

    private interface Reflection {
        void run() throws ReflectiveOperationException;
    }

    private static Throwable failure(Reflection reflection) {
        try {
            reflection.run();
            return null;
        } catch (InvocationTargetException e) {
            return e.getCause();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether all that is to be mutated was there. */
    boolean isApplied() {
        return applied == mutation.edits.size();
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null && name.startsWith(OURS)) {
                byte[] bytes = bytes(name);
                for (Mutation.Edit edit : mutation.edits) {
                    bytes = edit.isIn(name) ? mutate(bytes, edit) : bytes;
                }
                loaded = defineClass(name, bytes, 0, bytes.length);
            }
            return loaded == null ? super.loadClass(name, resolve) : loaded;
        }
    }

    private byte[] bytes(String name) throws ClassNotFoundException {
        try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (file == null) {
                throw new ClassNotFoundException(name);
            }
            return file.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] mutate(byte[] original, Mutation.Edit edit) {
        ClassFile classFile = ClassFile.of(ClassFile.DebugElementsOption.DROP_DEBUG);
        return classFile.transformClass(
                classFile.parse(original),
                ClassTransform.transformingMethodBodies(
                        method -> method.methodName().equalsString(edit.method()), CodeTransform.ofStateful(() -> {
                            applied++;
                            return new Prologue(edit);
                        })));
    }

    private record Prologue(Mutation.Edit edit) implements CodeTransform {
        @Override
        public void atStart(CodeBuilder code) {
            edit.beginning().accept(code);
        }

        @Override
        public void accept(CodeBuilder code, CodeElement element) {
            code.with(element);
        }
    }
}
