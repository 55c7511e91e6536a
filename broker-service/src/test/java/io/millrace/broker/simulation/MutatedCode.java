package io.millrace.broker.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.reflect.InvocationTargetException;

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
        try {
            Class<?> lives = loadClass(Lives.class.getName());
            lives.getMethod("broken", long.class).invoke(null, seed);
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
